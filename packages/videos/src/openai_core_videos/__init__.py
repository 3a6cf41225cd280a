"""Videos for openai-core: videos from words."""
