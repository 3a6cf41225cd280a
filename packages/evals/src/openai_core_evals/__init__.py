"""Evals for openai-core: tests of models against data and graders."""
