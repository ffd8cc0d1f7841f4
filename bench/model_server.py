"""A fake model server in a process of its own: one tool call, then words; so that its CPU is nobody's but its own."""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI, Request

app = FastAPI(openapi_url=None)

_CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "search_products", "arguments": '{"query": "bíblia letra grande"}'},
}


@app.post("/v1/chat/completions")
async def complete(request: Request) -> dict[str, object]:
    """A tool call for a customer's words, words for a tool's result."""
    body = await request.json()
    answered = body["messages"][-1]["role"] == "tool"
    message = {"role": "assistant", "content": "Tenho a Bíblia Letra Grande por R$ 89,90. Quer que eu separe?"}
    if not answered:
        message = {"role": "assistant", "content": None, "tool_calls": [_CALL]}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": "stop" if answered else "tool_calls"}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 30, "total_tokens": 930},
    }


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
