#!/usr/bin/env bash
# LiteLLM's proxy with mock models.  Key: sk-local-key.  Models:
#   mock           answers a fixed text, no model behind it
#   mock-slow      the same after 3 s
#   mock-limit     429   mock-error  500    mock-context  400 context window
#   tiny           passed on to UPSTREAM (an OpenAI-compatible base URL), if given
#   tools          passed on to TOOLS, another such base URL
# It answers /v1/messages (Anthropic's) and /v1/responses too; the latter streams only the models that are passed on.
# About half a minute and 0.8 GB to set up.
. "$(dirname "$0")/server.sh"
NAME=litellm PORT=18081 HEALTH=/health/liveliness

setup() { venv "litellm[proxy]${LITELLM:+==$LITELLM}"; }

launch() {
    cat >"$WORK/run/litellm.yaml" <<Y
model_list:
  - model_name: mock
    litellm_params:
      model: openai/mock
      api_key: none
      mock_response: "Lists are **mutable** sequences. Voilà — naïve café 👋🏽, 你好.\n\n\`\`\`python\nx = [1, 2, 3]\n\`\`\`\n"
  - model_name: mock-slow
    litellm_params: {model: openai/mock, api_key: none, mock_response: "Slow and steady.", mock_delay: 3}
  - model_name: mock-limit
    litellm_params: {model: openai/mock, api_key: none, mock_response: "litellm.RateLimitError"}
  - model_name: mock-error
    litellm_params: {model: openai/mock, api_key: none, mock_response: "litellm.InternalServerError"}
  - model_name: mock-context
    litellm_params: {model: openai/mock, api_key: none, mock_response: "litellm.ContextWindowExceededError"}
  - model_name: tiny
    litellm_params:
      model: openai/hf
      api_base: ${UPSTREAM:-http://127.0.0.1:18084/v1}
      api_key: ${UPSTREAM_KEY:-local-key}
      use_chat_completions_api: true    # whatever it is asked in: the upstream may speak nothing else
  - model_name: tools
    litellm_params:
      model: openai/tools
      api_base: ${TOOLS:-http://127.0.0.1:9/v1}
      api_key: none
      use_chat_completions_api: true
general_settings:
  master_key: sk-local-key
router_settings:
  disable_cooldowns: true   # an upstream that has refused something is asked again at once
litellm_settings:
  num_retries: 0
  telemetry: false
Y
    export LITELLM_LOCAL_MODEL_COST_MAP=True NO_DOCS=True DISABLE_ADMIN_UI=True
    exec "$WORK/venv-litellm/bin/litellm" --config "$WORK/run/litellm.yaml" --host 127.0.0.1 --port "$PORT"
}
main "$@"
