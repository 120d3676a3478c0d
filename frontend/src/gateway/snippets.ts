/** The playground's request as programs would send it; pure. */
import type { Chat } from '../api/gateway';

export type Language = 'curl' | 'python' | 'javascript';
export const LANGUAGES: readonly Language[] = ['curl', 'python', 'javascript'];
export const KEY_VARIABLE = 'BLINDARENA_API_KEY';

interface Request {
  model: string;
  messages: { role: string; content: string }[];
  temperature?: number;
  max_tokens?: number;
  stream?: boolean;
}

/** The body in OpenAI's format, without what is left to the model. */
export function requestOf({ model, system, messages, temperature, max_tokens: most, stream }: Chat): Request {
  return {
    model,
    messages: [...(system ? [{ role: 'system', content: system }] : []), ...messages.map(({ role, content }) => ({ role, content }))],
    ...(typeof temperature === 'number' && { temperature }),
    ...(typeof most === 'number' && { max_tokens: most }),
    ...(stream && { stream }),
  };
}

export function snippet(language: Language, baseUrl: string, chat: Chat): string {
  const request = requestOf(chat);
  if (language === 'curl') return curl(baseUrl, request);
  return language === 'python' ? python(baseUrl, request) : javascript(baseUrl, request);
}

/** Single quotes end the shell's string: each is written outside it. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function curl(baseUrl: string, request: Request): string {
  return [
    `curl${request.stream ? ' -N' : ''} ${quoted(`${baseUrl}/chat/completions`)} \\`,
    `  -H "Authorization: Bearer $${KEY_VARIABLE}" \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -d ${quoted(JSON.stringify(request, null, 2))}`,
  ].join('\n');
}

/** A JSON string is a Python string too. */
function python(baseUrl: string, { messages, stream, ...rest }: Request): string {
  const given = Object.entries(rest).map(([name, value]) => `    ${name}=${JSON.stringify(value)},`);
  const said = messages.map(({ role, content }) => `        {"role": ${JSON.stringify(role)}, "content": ${JSON.stringify(content)}},`);
  const call = [...given, '    messages=[', ...said, '    ],', ...(stream ? ['    stream=True,'] : [])];
  return [
    'import os',
    '',
    'from openai import OpenAI',
    '',
    `client = OpenAI(base_url=${JSON.stringify(baseUrl)}, api_key=os.environ["${KEY_VARIABLE}"])`,
    `${stream ? 'stream' : 'reply'} = client.chat.completions.create(`,
    ...call,
    ')',
    ...(stream
      ? ['for chunk in stream:', '    if chunk.choices:', '        print(chunk.choices[0].delta.content or "", end="", flush=True)']
      : ['print(reply.choices[0].message.content)']),
  ].join('\n');
}

function javascript(baseUrl: string, request: Request): string {
  return [
    "import OpenAI from 'openai';",
    '',
    `const client = new OpenAI({ baseURL: ${JSON.stringify(baseUrl)}, apiKey: process.env.${KEY_VARIABLE} });`,
    `const ${request.stream ? 'stream' : 'reply'} = await client.chat.completions.create(${JSON.stringify(request, null, 2)});`,
    request.stream
      ? "for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta?.content ?? '');"
      : 'console.log(reply.choices[0].message.content);',
  ].join('\n');
}
