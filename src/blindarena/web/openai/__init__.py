"""`/v1`: the gateway's routes as plain ASGI, in OpenAI's and Anthropic's formats."""
