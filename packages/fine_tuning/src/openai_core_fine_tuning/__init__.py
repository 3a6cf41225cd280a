"""Fine-tuning for openai-core: models trained further on your examples."""
