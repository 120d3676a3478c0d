"""Get a public set of questions: over the network, from a mirror of it, or from a file."""

import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from blindarena.errors import ConfigError, FetchError, InputError
from blindarena.judge.downloads import Downloads, git_blob_of, origin_of, sha256_of
from blindarena.judge.fetched import Expected, Fetched, take

HUB: Final = "https://huggingface.co"
_HUB_FILE: Final = re.compile(r"([\w.-]+/[\w.-]+):([^:\s]+)")


@dataclass(frozen=True, slots=True)
class PublicSet:
    """A public set with a short name.

    Attributes:
        where: an address, or ORG/REPO:PATH of a dataset on the Hugging Face hub.
        sha256: None where we have not had the file in our hands; then nothing is promised.
    """

    title: str
    where: str
    licence: str
    sha256: str | None = None


PUBLIC_SETS: Final[Mapping[str, PublicSet]] = {
    "mt-bench": PublicSet(
        "MT-Bench: 80 questions of two turns, 8 categories",
        "https://raw.githubusercontent.com/lm-sys/FastChat/main/fastchat/llm_judge/data/mt_bench/"
        "question.jsonl",
        "Apache-2.0",
        "119565adbab82227089cefdb44c8d7e2cf04dc0a0ec233634c82e7d4e2a944f7",
    ),
    "arena-hard": PublicSet(
        "Arena-Hard 2.0: hard prompts and creative writing",
        "lmarena-ai/arena-hard-auto:data/arena-hard-v2.0/question.jsonl",
        "Apache-2.0",
    ),
    "arena-hard-v0.1": PublicSet(
        "Arena-Hard 0.1: 500 hard prompts",
        "lmarena-ai/arena-hard-auto:data/arena-hard-v0.1/question.jsonl",
        "Apache-2.0",
    ),
}


async def fetch_questions(
    where: str,
    *,
    env: Mapping[str, str],
    mirror: str | None = None,
    sha256: str | None = None,
    pause_s: float = 1.0,
) -> Fetched:
    """Read a public set, a dataset's file or a local file, and check it.

    Args:
        where: a name of `PUBLIC_SETS`, ORG/REPO:PATH of a dataset on the hub, or a path.
        env: HF_ENDPOINT and HF_TOKEN.
        mirror: base address under which a file lies by its host and path,
            MIRROR/raw.githubusercontent.com/...
        sha256: expected, in hexadecimal; it goes before ours.
        pause_s: between attempts, growing.

    Raises:
        ConfigError: the name means nothing, or an address or checksum is none.
        FetchError: it could not be fetched, or has another checksum.
        InputError: it is not a file of questions; the message says where.
    """
    expected = _expected(sha256)
    known = PUBLIC_SETS.get(where)
    if known is None and (data := _local(where)) is not None:
        return take(where, where, data, expected)
    target = known.where if known else where
    if expected.sha256 is None and known is not None and known.sha256:
        expected = Expected(known.sha256, "ours")
    hub_file = _HUB_FILE.fullmatch(target)
    if hub_file is None and not target.startswith("https://"):
        raise ConfigError(
            f"questions {where!r}: neither a known set ({', '.join(PUBLIC_SETS)}), nor "
            "ORG/REPO:PATH of a dataset on the Hugging Face hub, nor an https:// address, nor a "
            "file"
        )
    endpoint = _address(env.get("HF_ENDPOINT") or HUB, "HF_ENDPOINT")
    # trust_env: a proxy, as for pip, is the business of the machine and not of our settings.
    async with aiohttp.ClientSession(trust_env=True) as http:
        downloads = Downloads(
            http, pause_s=pause_s, token=env.get("HF_TOKEN"), token_origin=origin_of(endpoint)
        )
        name = f"{where}.jsonl" if known else target
        if hub_file is not None:
            repo, file = hub_file[1], hub_file[2]
            name = name if known else file
            if not mirror:
                return await _from_hub(downloads, endpoint, repo, file, name, expected)
            target = f"{HUB}/datasets/{repo}/resolve/main/{urllib.parse.quote(file)}"
        if not mirror:
            return take(target, name, await downloads.get(target), expected)
        url = f"{_address(mirror, 'the mirror')}/{target.removeprefix('https://')}"
        data = await downloads.get(url, cure=f"the mirror must have {target} there")
        return take(url, name, data, expected)


async def _from_hub(
    downloads: Downloads, endpoint: str, repo: str, file: str, name: str, expected: Expected
) -> Fetched:
    """Read a dataset's file at one commit, checked against what the hub says of it."""
    cure = "check ORG/REPO; for a private or gated one set HF_TOKEN"
    url = f"{endpoint}/api/datasets/{repo}?blobs=true"
    try:
        about = msgspec.json.decode(await downloads.get(url, cure=cure), type=_Dataset)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise FetchError(f"{url}: the hub did not answer as it should: {error}") from error
    files = {entry.rfilename: entry for entry in about.siblings}
    if file not in files:
        fit = [each for each in files if each.endswith((".jsonl", ".csv", ".tsv"))]
        listed = ", ".join(fit[:8]) or "none"
        raise ConfigError(f"{repo} has no file {file}; what could be questions there: {listed}")
    url = f"{endpoint}/datasets/{repo}/resolve/{about.sha}/{urllib.parse.quote(file)}"
    data = await downloads.get(url, cure=cure)
    if expected.sha256 is None:
        lfs, blob = files[file].lfs, files[file].blobId
        if lfs is not None:
            expected = Expected(lfs.sha256, "hub")
        elif blob is not None:
            if git_blob_of(data) != blob:
                raise FetchError(f"{url}: not the file that the hub promises; nothing was written")
            expected = Expected(sha256_of(data), "hub")
    return take(url, name, data, expected)


class _Lfs(msgspec.Struct):
    sha256: str


class _File(msgspec.Struct):
    rfilename: str
    blobId: str | None = None
    lfs: _Lfs | None = None


class _Dataset(msgspec.Struct):
    sha: str
    siblings: list[_File]


def _local(where: str) -> bytes | None:
    try:
        return Path(where).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(f"questions {where}: can't be read: {error.strerror}") from error


def _expected(text: str | None) -> Expected:
    if text is None:
        return Expected()
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text.strip()):
        raise ConfigError(f"--sha256 {text!r}: expected 64 hexadecimal digits")
    return Expected(text.strip().lower(), "given")


def _address(text: str, what: str) -> str:
    if not re.match(r"https?://[^/\s]+", text):
        raise ConfigError(f"{what} is {text!r}; give an address with https://")
    return text.rstrip("/")
