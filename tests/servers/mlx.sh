#!/usr/bin/env bash
# Apple's mlx_lm.server, on MLX's CPU back end where there is no Apple silicon.  No key.  Model: hf
# HTTP/1.0, ends an answer by closing, sends keep-alive comments and reasoning.
# About half a minute and 0.4 GB to set up.
. "$(dirname "$0")/server.sh"
NAME=mlx PORT=18084 HEALTH=/health

setup() {
    local mlx='mlx[cpu]'
    [ "$(uname)" = Darwin ] && mlx=mlx
    model
    venv "$mlx" "mlx-lm${MLX_LM:+==$MLX_LM}"
}

launch() {
    export HF_HUB_OFFLINE=1 HF_HOME="$WORK/run/hf-home"
    mkdir -p "$HF_HOME/hub"
    cd model
    exec "$WORK/venv-mlx/bin/mlx_lm.server" --model hf --host 127.0.0.1 --port "$PORT"
}
main "$@"
