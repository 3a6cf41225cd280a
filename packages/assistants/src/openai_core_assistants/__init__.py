"""Assistants and threads for openai-core: assistants that answer in threads of messages."""
