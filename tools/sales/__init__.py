"""The sale in code: the cart and its tools; prices and totals come from here, never from text."""
