"""Looks at a cart's products as they are this moment, and says in words what is no longer as it was put in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from tools.models import Cart, CartLine, Product
from tools.ports import ErpUnavailable, ProductNotFound
from tools.sales.carts import minimum_units
from tools.sales.parts import ErpDesks


@dataclass(frozen=True, slots=True)
class LiveCart:
    cart: Cart
    """With present prices."""
    repriced: tuple[Product, ...]
    changes: tuple[str, ...]
    """Prices that moved, in words for the customer."""
    problems: tuple[str, ...]
    """Lines that cannot be sold as they are: what is left, or what is gone."""
    live: bool
    """Whether the ERP itself was asked; else the last synchronisation."""


async def look_at(erp: ErpDesks, store_id: str, cart: Cart) -> LiveCart:
    """Read every product of the cart again; changes nothing."""
    found = await asyncio.gather(*(_read(erp, store_id, line.product_id) for line in cart.lines))
    pairs = [(line, product) for line, (product, _) in zip(cart.lines, found, strict=True)]
    moved = [
        (line, product)
        for line, product in pairs
        if product and product.active and product.price.centavos > 0 and product.price != line.unit_price
    ]
    prices = {product.id: product.price for _, product in moved}
    lines = tuple(replace(line, unit_price=prices.get(line.product_id, line.unit_price)) for line in cart.lines)
    return LiveCart(
        cart=replace(cart, lines=lines),
        repriced=tuple(product for _, product in moved),
        changes=tuple(
            f"{line.name} mudou de {line.unit_price} para {product.price} a unidade desde que entrou no carrinho."
            for line, product in moved
        ),
        problems=tuple(problem for line, product in pairs if (problem := _problem(line, product))),
        live=all(is_live for _, is_live in found),
    )


async def _read(erp: ErpDesks, store_id: str, product_id: str) -> tuple[Product | None, bool]:
    try:
        return await erp.products.get_product(product_id), True
    except ErpUnavailable:
        return await erp.snapshots.find(store_id, product_id), False
    except ProductNotFound:
        return None, True


def _problem(line: CartLine, product: Product | None) -> str:
    if product is None or not product.active:
        return f"{line.name} saiu do catálogo: tire do carrinho (change_cart com 0) e ofereça um parecido."
    if product.price.centavos <= 0:
        return f"{line.name} está sem preço no sistema e não pode ser vendido agora: tire do carrinho."
    if product.stock <= 0:
        return (
            f"{line.name} acabou, restam 0 unidades: tire do carrinho (change_cart com 0) e ofereça um parecido "
            "com search_products."
        )
    if product.stock < line.quantity:
        return (
            f"{line.name}: o carrinho pede {line.quantity} e só restam {product.stock}. Pergunte se o cliente fica com "
            f"{product.stock} (change_cart) ou prefere um parecido."
        )
    least = minimum_units(product)
    return f"{line.name} é vendido a partir de {least} unidades." if line.quantity < least else ""
