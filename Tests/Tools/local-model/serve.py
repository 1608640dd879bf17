#!/usr/bin/env python3
"""Serves one GGUF model over llama.cpp's OpenAI-compatible HTTP API on 127.0.0.1, until SIGTERM.

The port is one the system has free. Once the server is healthy, its address (http://127.0.0.1:PORT) is written to
the address file, which does not exist before.
"""

import argparse
import os
import signal
import threading
import urllib.request
from pathlib import Path

import xllamacpp


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("address_file", type=Path)
    parser.add_argument("--alias", required=True, help="the model's name in requests and answers")
    parser.add_argument("--ctx", type=int, default=0, help="tokens of context; 0 is the model's own limit")
    parser.add_argument("--embeddings", action="store_true", help="serve embeddings, mean-pooled, instead of chat")
    return parser.parse_args()


def parameters(options):
    params = xllamacpp.CommonParams()
    params.model.path = str(options.model)
    params.model_alias = {options.alias}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = options.ctx
    params.n_parallel = 1
    threads = min(4, len(os.sched_getaffinity(0)))
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.use_jinja = True
    if options.embeddings:
        params.embedding = True
        params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    return params


def main():
    options = arguments()
    parent = os.getppid()
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())

    server = xllamacpp.Server(parameters(options))  # returns when the model is loaded, raises when it cannot be
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(server.listening_address + "/health", timeout=60):
        pass
    partial = options.address_file.with_suffix(".partial")
    partial.write_text(server.listening_address)
    partial.rename(options.address_file)

    # Also ends when whoever started it is gone, however that happened.
    while not stopped.wait(0.5) and os.getppid() == parent:
        pass


if __name__ == "__main__":
    main()
