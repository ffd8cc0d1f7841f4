"""`novo prompts check`: each rule fails on a planted fault, and the shipped prompts pass all of them."""
