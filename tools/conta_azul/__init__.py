"""The Conta Azul back office: OAuth, tokens, client, mapping and product sync; knows no other tool folder."""
