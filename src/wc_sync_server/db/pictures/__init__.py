"""Pictures of the schema: a diagram and a dictionary for each domain, made from the metadata and nothing else."""
