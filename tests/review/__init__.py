"""The answer to the review of the old database layer: each finding, what stands here, and the tests that prove it."""
