#!/usr/bin/env bash
# MLflow's stand-alone AI gateway.  No key: it has those of its providers.  It lists no models, and has one endpoint for
# each of MODELS that UPSTREAM (an OpenAI-compatible base URL) serves, and the endpoint `down`, whose upstream is gone.
# Sends no [DONE] and usage unasked; a provider's error in a stream breaks the connection off.
# About a quarter of a minute and 0.3 GB to set up.
. "$(dirname "$0")/server.sh"
NAME=mlflow PORT=18085 HEALTH=/health

# The gateway wants no more of MLflow than this, the whole of which is much larger.
setup() { venv "mlflow-skinny[gateway]${MLFLOW:+==$MLFLOW}" aiohttp gunicorn numpy; }

endpoint() {    # endpoint NAME URL : a provider of that model
    cat <<Y
  - name: $1
    endpoint_type: llm/v1/chat
    model:
      provider: openai
      name: $1
      config: {openai_api_key: ${UPSTREAM_KEY:-local-key}, openai_api_base: $2}
Y
}

launch() {
    {
        echo 'endpoints:'
        for model in ${MODELS:-mock mock-slow mock-limit}; do
            endpoint "$model" "${UPSTREAM:-http://127.0.0.1:18081/v1}"
        done
        endpoint down http://127.0.0.1:9/v1
    } >"$WORK/run/mlflow.yaml"
    # A home of its own: gunicorn puts a socket there. A command of its own: the gateway starts gunicorn by name.
    export HOME=$WORK/run PATH=$WORK/venv-mlflow/bin:$PATH MLFLOW_DISABLE_TELEMETRY=true
    exec "$WORK/venv-mlflow/bin/mlflow" gateway start --config-path "$WORK/run/mlflow.yaml" \
        --host 127.0.0.1 --port "$PORT" --workers 1
}
main "$@"
