"""Vector stores for openai-core: files that are searched by meaning."""
