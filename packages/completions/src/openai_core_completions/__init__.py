"""Completions for openai-core: texts that go on where a prompt ends."""
