"""Skills for openai-core: instructions and files that models read when a task needs them."""
