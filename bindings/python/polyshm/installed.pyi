# To import it is all that there is to it.
