"""A small server with ComfyUI's routes, written from their public documentation and the forms of ``server.py``.

No package brings the genuine server without PyTorch. Workflows make no progress on their own: tests start, finish and
fail them. With ``is_old`` it behaves as versions before 2025: it chooses ids itself and interrupts whatever runs.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.support.remote.tone_files import tone_wav

MODELS: Final = ["ace_step_v1.safetensors"]
CLASSES: Final[dict[str, dict[str, Any]]] = {
    "CheckpointLoaderSimple": {"required": {"ckpt_name": [MODELS, {}]}},
    "LoraLoaderModelOnly": {"required": {"lora_name": ["COMBO", {"options": ["warm.safetensors"]}]}},
    "TextEncodeAceStepAudio": {"required": {"tags": ["STRING", {}], "lyrics": ["STRING", {}]}},
    "EmptyAceStepLatentAudio": {"required": {"seconds": ["FLOAT", {}]}},
    "KSampler": {"required": {"seed": ["INT", {}]}},
    "SaveAudio": {"required": {"filename_prefix": ["STRING", {}]}},
}


class ComfyUiServer:
    def __init__(self, *, is_old: bool = False) -> None:
        self.url = ""
        self.is_old = is_old
        self.pending: list[list[Any]] = []
        self.running: list[list[Any]] = []
        self.history: dict[str, Any] = {}
        self.interrupts: list[Any] = []
        self.headers: list[dict[str, str]] = []
        self.is_connected = asyncio.Event()
        self.audio = tone_wav()
        self._sockets: dict[str, WebSocket] = {}
        self._number = 0

    def start_next(self) -> str:
        """Run the first pending workflow, and return its id."""
        self.running = [self.pending.pop(0)]
        return str(self.running[0][1])

    def finish(self, outputs: dict[str, Any] | None = None) -> None:
        """End the running workflow with an audio file, or with other outputs."""
        file = {"filename": "tone_00001_.wav", "subfolder": "audio", "type": "output"}
        self._end("success", {"9": {"audio": [file]}} if outputs is None else outputs, [])

    def fail(self, *events: list[Any]) -> None:
        """End the running workflow with an error."""
        self._end("error", {}, list(events))

    async def send(self, message: dict[str, Any] | bytes) -> None:
        """Send a message to the client of the running workflow, once it is connected."""
        await self.is_connected.wait()
        socket = self._sockets[self.running[0][3]["client_id"]]
        if isinstance(message, bytes):
            await socket.send_bytes(message)
        else:
            await socket.send_json(message)

    def _end(self, word: str, outputs: dict[str, Any], messages: list[Any]) -> None:
        job = self.running.pop()
        status = {"status_str": word, "completed": word == "success", "messages": messages}
        self.history[job[1]] = {"prompt": job, "outputs": outputs, "status": status}

    async def post_prompt(self, request: Request) -> Response:
        body = await request.json()
        self.headers.append(dict(request.headers))
        graph = body["prompt"]
        errors = {
            node: {
                "errors": [
                    {"type": "value_not_in_list", "message": "Value not in list", "details": f"ckpt_name: {name!r}"}
                ],
                "class_type": content["class_type"],
                "dependent_outputs": ["9"],
            }
            for node, content in graph.items()
            if (name := content["inputs"].get("ckpt_name", MODELS[0])) not in MODELS
        }
        if errors:
            error = {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation"}
            return JSONResponse({"error": error, "node_errors": errors}, 400)
        prompt_id = str(uuid.uuid4()) if self.is_old else body.get("prompt_id", str(uuid.uuid4()))
        self._number += 1
        self.pending.append([self._number, prompt_id, graph, {"client_id": body["client_id"]}, ["9"]])
        return JSONResponse({"prompt_id": prompt_id, "number": self._number, "node_errors": {}})

    async def get_queue(self, _request: Request) -> Response:
        return JSONResponse({"queue_running": self.running, "queue_pending": self.pending[::-1]})

    async def post_queue(self, request: Request) -> Response:
        deleted = (await request.json())["delete"]
        self.pending = [job for job in self.pending if job[1] not in deleted]
        return Response()

    async def interrupt(self, request: Request) -> Response:
        body = json.loads(await request.body() or b"{}")
        self.interrupts.append(body)
        if self.running and (self.is_old or self.running[0][1] == body.get("prompt_id")):
            self.fail(["execution_interrupted", {"prompt_id": self.running[0][1], "node_id": "3"}])
        return Response()

    async def get_history(self, request: Request) -> Response:
        prompt_id = request.path_params.get("prompt_id")
        chosen = self.history if prompt_id is None else {prompt_id: self.history.get(prompt_id)}
        return JSONResponse({name: entry for name, entry in chosen.items() if entry is not None})

    async def object_info(self, request: Request) -> Response:
        name = request.path_params["name"]
        return JSONResponse({name: {"input": CLASSES[name]}} if name in CLASSES else {})

    async def view(self, request: Request) -> Response:
        wanted = tuple(request.query_params[name] for name in ("filename", "subfolder", "type"))
        found = wanted == ("tone_00001_.wav", "audio", "output")
        return Response(self.audio, media_type="audio/x-wav") if found else Response(status_code=404)

    async def socket(self, socket: WebSocket) -> None:
        client_id = socket.query_params["clientId"]
        await socket.accept()
        self._sockets[client_id] = socket
        await socket.send_json({"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 1}}}})
        self.is_connected.set()
        try:
            await socket.receive()
        except WebSocketDisconnect:
            return

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/prompt", self.post_prompt, methods=["POST"]),
                Route("/queue", self.get_queue),
                Route("/queue", self.post_queue, methods=["POST"]),
                Route("/interrupt", self.interrupt, methods=["POST"]),
                Route("/history", self.get_history),
                Route("/history/{prompt_id}", self.get_history),
                Route("/object_info/{name}", self.object_info),
                Route("/view", self.view),
                WebSocketRoute("/ws", self.socket),
            ]
        )


@asynccontextmanager
async def run_comfyui(*, is_old: bool = False) -> AsyncIterator[ComfyUiServer]:
    """Run a server on the loopback interface."""
    comfy = ComfyUiServer(is_old=is_old)
    config = uvicorn.Config(comfy.app(), port=0, log_level="critical", ws="websockets-sansio", lifespan="off")
    config.load()
    server = uvicorn.Server(config)
    listener = config.bind_socket()
    comfy.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.listen()
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield comfy
    finally:
        server.should_exit = True
        await task
