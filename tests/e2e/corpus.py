"""Texts that try to run, load, link or break something, as a model or a voter might write them."""

_URL = "//evil.example"
FLAG = "window.pwned=1"

SCRIPTS = (
    f"<script>{FLAG}</script>",
    f"<script src={_URL}/x.js></script>",
    f"<scr<script>ipt>{FLAG}</scr</script>ipt>",
    f"</div></section></main></body><script>{FLAG}</script>",
    f'<noscript><p title="</noscript><img src=x onerror={FLAG}>">',
    f"<template><script>{FLAG}</script></template>",
    f"```html\n<script>{FLAG}</script>\n```\n\n`<script>{FLAG}</script>`",
)
HANDLERS = (
    f'<img src=x onerror="{FLAG}">',
    f"<body onload={FLAG}>",
    f"<details open ontoggle={FLAG}>x</details>",
    f"<input autofocus onfocus={FLAG}>",
    f"<video><source onerror={FLAG}></video>",
    f'<b onmouseover="{FLAG}" style="position:fixed;inset:0;z-index:99">over everything</b>',
    f'**bold <i onclick="{FLAG}">x</i>**\n\n> quoted <img/src="x"/onerror={FLAG}>',
)
LINKS = (
    f"[a](javascript:{FLAG}) [b](JaVaScRiPt:{FLAG}) [c]( javascript:{FLAG})",
    f"[d](java&#10;script:{FLAG}) [e](&#106;avascript:{FLAG}) [f](java%0ascript:{FLAG})",
    f"[g](\x01javascript:{FLAG}) [h](vbscript:x) [i](data:text/html,<script>{FLAG}</script>)",
    f"<javascript:{FLAG}> [j][ref]\n\n[ref]: javascript:{FLAG}",
    f'[k](https://ok.example "onmouseover={FLAG}") [l](https://ok.example\\"onclick={FLAG})',
    f"<a href=\"javascript:{FLAG}\">m</a> <a href='&#x6a;avascript:{FLAG}'>n</a>",
    "[o](file:///etc/passwd) [p](blob:x) [q](//evil.example) [r](/api/owner) [s](#main)",
    "https://ok.example/plain and mailto:x@ok.example and README.md and evil.example",
)
LOADS = (
    f"![pixel](https:{_URL}/pixel.png) ![x][img]\n\n[img]: http:{_URL}/ref.png",
    f"<img src=https:{_URL}/a.png><img srcset='https:{_URL}/b.png 2x'>",
    f"<link rel=stylesheet href=https:{_URL}/c.css><style>@import '{_URL}/d.css'</style>",
    f"<iframe src=https:{_URL}/e></iframe><object data=https:{_URL}/f></object>",
    f"<embed src=https:{_URL}/g><audio src=https:{_URL}/h autoplay></audio>",
    f'<div style="background:url(https:{_URL}/i.png)">x</div>',
    f"<meta http-equiv=refresh content='0;url=https:{_URL}/j'><base href=https:{_URL}/>",
    f"<form action=https:{_URL}/k><button autofocus>Send your password</button></form>",
)
SVG_AND_COMMENTS = (
    f"<svg onload={FLAG}><script>{FLAG}</script></svg>",
    f'<svg><a xlink:href="javascript:{FLAG}"><text y=20>click</text></a></svg>',
    f"<math><mtext><table><mglyph><style><img src=x onerror={FLAG}></style></table></mtext></math>",
    f"<svg><use href='data:image/svg+xml,<svg onload={FLAG}>#x'/></svg>",
    f"<!-- secret --><!--><img src=x onerror={FLAG}>--> visible <!-- unclosed",
    f"<![CDATA[<img src=x onerror={FLAG}>]]> <?php {FLAG} ?>",
)
FORMULAS = (
    rf"$\href{{javascript:{FLAG}}}{{x}}$ $\url{{javascript:{FLAG}}}$",
    rf"$\includegraphics[width=9em]{{https:{_URL}/k.png}}$",
    rf"$\htmlId{{main}}{{x}}$ $\htmlClass{{dock}}{{x}}$ $\htmlData{{x={FLAG}}}{{x}}$",
    rf"$$\htmlStyle{{position:fixed;top:0;background:url({_URL}/l.png)}}{{x}}$$",
    r"$$\def\a{\b\b}\def\b{\c\c}\def\c{\d\d\d}\def\d{\e\e\e\e}\def\e{\f\f\f\f}\def\f{xxxx}\a\a\a\a$$",
    r"$$\def\x{\x\x}\x$$ and $\rule{99999em}{99999em}$",
    r"$\kern{99999em}x$ and $\raisebox{-9999em}{x}$ and $\Huge{\Huge{x}}$",
    "$" + "x" * 3900 + "$",
    rf"$\text{{<img src=x onerror={FLAG}>}}$ $$\text{{</span><script>{FLAG}</script>}}$$",
    r"$\left( \frac{1}{2} \right)$ costs $5 and $10; unclosed $\frac{1}{",
)
SHAPES = (
    "> " * 400 + "deep quote",
    "\n".join(" " * 2 * n + "- deep list" for n in range(120)),
    "[" * 3000 + "](" * 3000,
    "*" * 4000 + "x" + "_" * 4000,
    "W" * 6000 + "\n\n" + "`" + "w" * 3000 + "`",
    "|" + "a|" * 300 + "\n|" + "-|" * 300 + "\n|" + "b|" * 300,
    "\u202egnp.exe\u202c \u200b\u2066right to left\u2069 Z\u0351\u036b\u0343" + "\u0336" * 300,
    "```\n" + "x = 1\n" * 400,
)
ANSWERS: tuple[str, ...] = (
    *SCRIPTS,
    *HANDLERS,
    *LINKS,
    *LOADS,
    *SVG_AND_COMMENTS,
    *FORMULAS,
    *SHAPES,
)
COMMENT = f'<img src=x onerror="{FLAG}"> [x](javascript:{FLAG}) <script>{FLAG}</script>'
