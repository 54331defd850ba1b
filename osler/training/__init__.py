"""Training of the small networks that methods use. Each file trains one kind; weights are plain arrays, never code."""
