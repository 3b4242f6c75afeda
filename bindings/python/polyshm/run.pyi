# A program: python -m polyshm.run.
