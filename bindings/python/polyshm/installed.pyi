# Importing it is all that it is for.
