// What the `openai` npm package sees of the gateway; prints it as one line of JSON.
const OpenAI = require("openai");

const { BASE_URL, KEY, END = "" } = process.env;
const client = new OpenAI({ baseURL: BASE_URL, apiKey: KEY, maxRetries: 0 });
const messages = [{ role: "user", content: "Where is my parcel?" }];
const tools = [
  {
    type: "function",
    function: {
      name: "where",
      parameters: { type: "object", properties: { parcel: { type: "integer" } } },
    },
  },
];
const schema = {
  type: "object",
  properties: { city: { type: "string" }, days: { type: "integer" } },
  required: ["city", "days"],
  additionalProperties: false,
};

async function failure(model, options = {}) {
  try {
    await client.withOptions(options).chat.completions.create({ model, messages });
    return "none";
  } catch (error) {
    const after = error.headers?.get("retry-after");
    return [error.constructor.name, error.status, ...(after ? [Number(after) > 0] : [])];
  }
}

async function broken() {
  let text = "";
  try {
    const stream = await client.chat.completions.create({
      model: `breaks${END}`,
      messages,
      stream: true,
    });
    for await (const chunk of stream) text += chunk.choices[0].delta.content ?? "";
    return [text, "none"];
  } catch (error) {
    return [text, error.message];
  }
}

async function main() {
  const chat = client.chat.completions;
  const whole = await chat.create({ model: `plain${END}`, messages });
  const runner = chat.stream({
    model: `plain${END}`,
    messages,
    stream_options: { include_usage: true },
  });
  const streamed = await runner.finalChatCompletion();
  const first = await chat.create({ model: `tools${END}`, messages, tools });
  const called = first.choices[0].message;
  const result = { role: "tool", tool_call_id: called.tool_calls[0].id, content: "Graz" };
  const second = await chat.create({
    model: `tools${END}`,
    messages: [...messages, called, result],
    tools,
  });
  const parsed = await chat.parse({
    model: `schema${END}`,
    messages,
    response_format: { type: "json_schema", json_schema: { name: "place", schema, strict: true } },
  });
  const url = "data:image/png;base64,iVBORw0KGgo=";
  const picture = await chat.create({
    model: `plain${END}`,
    messages: [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }],
  });
  const models = [];
  for await (const model of client.models.list()) models.push(model.id);
  console.log(
    JSON.stringify({
      whole: whole.choices[0].message.content,
      usage: whole.usage.total_tokens,
      streamed: streamed.choices[0].message.content,
      streamed_usage: streamed.usage.total_tokens,
      call: [called.tool_calls[0].function.name, JSON.parse(called.tool_calls[0].function.arguments)],
      after: second.choices[0].message.content,
      schema: JSON.parse(parsed.choices[0].message.content),
      picture: picture.choices[0].message.content,
      models: models.includes(`plain${END}`),
      failures: {
        key: await failure(`plain${END}`, { apiKey: "sk-wrong" }),
        none: await failure(`none${END}`),
        limited: await failure(`limited${END}`),
        wrong: await failure(`wrong${END}`),
        down: await failure(`down${END}`),
      },
      broken: await broken(),
    }),
  );
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
