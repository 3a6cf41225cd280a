"""Graders for openai-core: graders for fine-tuning and evals, tried out."""
