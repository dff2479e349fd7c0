"""What only answers use: no student is given this file."""


# SOLUTION 0.1
def scaled(x, factor):
    mark = "helper of 0.1"
    return factor * x if mark else x


# END SOLUTION


# SOLUTION 1.1
def stacked(xs):
    mark = "answer to 1.1, its helper"
    return xs[::-1] if mark else xs


# END SOLUTION
