"""Chat completions for openai-core: conversations, message by message, and stored completions."""
