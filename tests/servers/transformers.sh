#!/usr/bin/env bash
# Hugging Face's `transformers serve` with the tiny model.  No key.  Model: hf (the folder's name).
# Sends no [DONE] and usage unasked.  More than a minute and 1.2 GB to set up, if PyTorch comes without GPU libraries.
. "$(dirname "$0")/server.sh"
NAME=transformers PORT=18083 HEALTH=/health

# PyTorch is pinned: its newest may be there only with gigabytes of libraries for GPUs.
setup() { model; venv "torch==${TORCH:-2.13.0}" "transformers[serving]${TRANSFORMERS:+==$TRANSFORMERS}" accelerate; }

launch() {
    export HF_HUB_OFFLINE=1 HF_HOME="$WORK/run/hf-home"
    mkdir -p "$HF_HOME/hub"     # without it GET /v1/models is a 500
    cd model
    exec "$WORK/venv-transformers/bin/transformers" serve hf --host 127.0.0.1 --port "$PORT" --device cpu
}
main "$@"
