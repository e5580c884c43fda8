"""Serve the API of ACE-Step on a port: ``python -m tests.support.remote.ace_step.server_process FOLDER PORT``."""

import importlib
import sys
from pathlib import Path

import uvicorn

from tests.support.remote.ace_step import model_stubs


def main(folder: str, port: str) -> None:
    root = Path(folder)
    sys.path.insert(0, folder)
    model_stubs.install(root)
    app = importlib.import_module("acestep.api_server").app
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")


if __name__ == "__main__":
    main(*sys.argv[1:])
