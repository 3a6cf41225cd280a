"""ChatKit for openai-core: sessions and threads of ChatKit."""
