"""The documented shapes of the ERP's answers and bodies as JSON Schema, written from its documentation, not from us."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
UUID: Schema = {"type": "string", "format": "uuid"}
DATE: Schema = {"type": "string", "format": "date"}
STAMP: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z?$"}
ANYTHING: Schema = {}


def one_of(*words: str) -> Schema:
    return {"type": "string", "enum": list(words)}


def maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def many(schema: Schema, least: int = 0, most: int | None = None) -> Schema:
    return {"type": "array", "items": schema, "minItems": least} | ({} if most is None else {"maxItems": most})


def shape(**fields: Schema) -> Schema:
    """An object that has all of these fields; more are allowed, as on the real wire."""
    return {"type": "object", "properties": fields, "required": sorted(fields)}


def body(needed: dict[str, Schema], **optional: Schema) -> Schema:
    """A body: the needed fields and some of the optional ones."""
    return {"type": "object", "properties": needed | optional, "required": sorted(needed)}


def listing(entry: Schema, key: str, total: str, *, null_when_empty: bool = False) -> Schema:
    """One of the list envelopes."""
    entries = many(entry)
    return shape(**{key: maybe(entries) if null_when_empty else entries, total: WHOLE})


REFUSAL: Schema = {
    "type": "object",
    "anyOf": [{"required": ["message"]}, {"required": ["error"]}],
    "properties": {"message": TEXT, "error": TEXT, "code": WHOLE},
}
COMPANY = shape(id_empresa=UUID, documento=TEXT, razao_social=TEXT, nome_fantasia=TEXT, data_fundacao=DATE, email=TEXT)
PERSON_KIND = one_of("FISICA", "JURIDICA", "ESTRANGEIRA")
PERSON_ENTRY = shape(
    id=UUID,
    id_legado=WHOLE,
    uuid_legado=UUID,
    nome=TEXT,
    documento=TEXT,
    email=TEXT,
    telefone=TEXT,
    tipo_pessoa=PERSON_KIND,
    perfis=many(one_of("CLIENTE", "FORNECEDOR", "TRANSPORTADORA")),
    ativo=FLAG,
)
PROFILES = many(shape(tipo_perfil=one_of("Cliente", "Fornecedor", "Transportadora")), 1)
PERSON = shape(
    id=UUID,
    nome=TEXT,
    tipo_pessoa=PERSON_KIND,
    documento=TEXT,
    email=TEXT,
    telefone_celular=TEXT,
    telefone_comercial=TEXT,
    ativo=FLAG,
    perfis=many(shape(tipo_perfil=TEXT)),
    pessoas_legado=many(shape(id=WHOLE, perfil=TEXT, uuid=UUID)),
)
NEW_PERSON = body(
    {
        "nome": TEXT | {"minLength": 1, "maxLength": 200},
        "tipo_pessoa": one_of("Física", "Jurídica"),
        "perfis": PROFILES,
    },
    cpf={"type": "string", "pattern": r"^[0-9]{11}$"},
    cnpj={"type": "string", "pattern": r"^[0-9A-Z]{14}$"},
    email=TEXT | {"maxLength": 100},
    telefone_celular={"type": "string", "pattern": r"^[0-9]{10,13}$"},
    observacao=TEXT | {"maxLength": 2000},
    ativo=FLAG,
)
CREATED_PERSON = shape(id=UUID, tipo_pessoa=TEXT, nome=TEXT, ativo=FLAG, origem=TEXT, perfis=PROFILES, estrangeiro=FLAG)
PRODUCT_ENTRY = shape(
    id=UUID,
    id_legado=WHOLE,
    nome=TEXT,
    codigo=TEXT,
    ean=TEXT,
    tipo=one_of("PRODUTO", "KIT_PRODUTO", "VARIACAO_PRODUTO"),
    status=one_of("ATIVO", "INATIVO"),
    saldo=NUMBER,
    valor_venda=NUMBER,
    ultima_atualizacao=STAMP,
)
PRODUCT = shape(
    id=UUID,
    nome=TEXT,
    descricao=TEXT,
    codigo_sku=TEXT,
    ativo=FLAG,
    status=one_of("ATIVO", "INATIVO"),
    formato=one_of("SIMPLES", "VARIACAO"),
    versao=WHOLE,
    estoque=shape(
        quantidade_total=NUMBER, quantidade_disponivel=NUMBER, quantidade_reservada=NUMBER, valor_venda=NUMBER
    ),
    ultima_atualizacao=STAMP,
)
SITUATIONS = ("EM_ANDAMENTO", "APROVADO", "FATURADO", "CANCELADO")
PRICE = NUMBER | {"minimum": 0, "maximum": 100_000}
NEW_SALE = body(
    {
        "id_cliente": UUID,
        "numero": WHOLE | {"minimum": 1, "maximum": 10_000},
        "situacao": one_of("EM_ANDAMENTO", "APROVADO"),
        "data_venda": DATE,
        "itens": many(shape(id=UUID, quantidade=NUMBER | {"minimum": 1, "maximum": 99}, valor=PRICE), 1, 3),
        "condicao_pagamento": body(
            {
                "opcao_condicao_pagamento": one_of("À vista", "30, 60", "2x"),
                "parcelas": many(shape(data_vencimento=DATE, valor=PRICE), 1, 3),
            },
            tipo_pagamento=one_of("PIX_PAGAMENTO_INSTANTANEO", "BOLETO_BANCARIO", "DINHEIRO"),
        ),
    },
    observacoes=TEXT | {"maxLength": 2000},
)
CREATED_SALE = shape(
    id=UUID,
    id_legado=WHOLE,
    id_cliente=UUID,
    numero=WHOLE,
    data_venda=DATE,
    situacao=shape(nome=one_of("IN_PROCESS", "APPROVED"), descricao=TEXT),
    pendencia=shape(nome=TEXT, descricao=TEXT),
    valor_composicao=shape(valor_bruto=NUMBER, frete=NUMBER, valor_liquido=NUMBER),
    versao=WHOLE,
)
SALE_ENTRY = shape(
    id=UUID,
    id_legado=WHOLE,
    numero=WHOLE,
    total=NUMBER,
    data=DATE,
    criado_em=STAMP,
    data_alteracao=STAMP,
    itens=TEXT,
    cliente=shape(id=UUID, nome=TEXT, email=maybe(TEXT)),
    situacao=shape(nome=one_of(*SITUATIONS), descricao=TEXT),
    versao=WHOLE,
)
SALE = shape(
    cliente=shape(uuid=UUID, nome=TEXT),
    evento_financeiro=maybe(shape(id=UUID)),
    venda=shape(
        id=UUID,
        status=one_of("EM_ANDAMENTO", "CANCELADO"),
        numero=WHOLE,
        versao=WHOLE,
        situacao=shape(nome=one_of(*SITUATIONS)),
        composicao_valor=shape(valor_bruto=NUMBER, desconto=NUMBER, frete=NUMBER, valor_liquido=NUMBER),
        condicao_pagamento=shape(parcelas=many(shape(id=UUID, numero=WHOLE, data_vencimento=DATE, valor=NUMBER), 1)),
    ),
)
SALE_LINE = shape(id=UUID, id_item=UUID, nome=TEXT, descricao=TEXT, quantidade=NUMBER, valor=NUMBER)
ACCOUNT = shape(id=UUID, banco=TEXT, nome=TEXT, ativo=FLAG, tipo=TEXT, conta_padrao=FLAG, agencia=TEXT, numero=TEXT)
CATEGORY = shape(id=UUID, versao=WHOLE, nome=TEXT, categoria_pai=maybe(TEXT), tipo=one_of("RECEITA", "DESPESA"))
COMPOSITION = shape(multa=NUMBER, juros=NUMBER, valor_bruto=NUMBER, desconto=NUMBER, taxa=NUMBER, valor_liquido=NUMBER)
CHARGE_KIND = one_of("BOLETO", "LINK_PAGAMENTO", "BOLETO_REGISTRADO", "PIX_COBRANCA")
CHARGE_STATUS = one_of(
    "AGUARDANDO_CONFIRMACAO",
    "EM_CANCELAMENTO",
    "REGISTRADO",
    "QUITADO",
    "CANCELADO",
    "INVALIDO",
    "EXPIRADO",
    "FALHA_EMISSAO",
    "FALHA_CANCELAR",
    "REMESSA_GERADO",
    "REMESSA_PENDENTE",
    "PAGO",
    "EXTORNADO",
)
RECEIVABLE_ENTRY = shape(
    id=UUID,
    descricao=TEXT,
    data_vencimento=DATE,
    status=TEXT,
    status_traduzido=TEXT,
    total=NUMBER,
    nao_pago=NUMBER,
    pago=NUMBER,
    data_criacao=STAMP,
    data_alteracao=STAMP,
    cliente=shape(id=UUID, nome=TEXT),
)
SETTLEMENT = shape(id=UUID, versao=WHOLE, data_pagamento=DATE, valor_composicao=COMPOSITION)
INSTALLMENT = shape(
    id=UUID,
    versao=WHOLE,
    indice=WHOLE,
    status=one_of("PENDENTE", "QUITADO", "CANCELADO", "RENEGOCIADO", "RECEBIDO_PARCIAL", "ATRASADO", "PERDIDO"),
    valor_pago=NUMBER,
    nao_pago=NUMBER,
    data_vencimento=DATE,
    descricao=TEXT,
    valor_composicao=COMPOSITION,
    baixas=many(SETTLEMENT),
    solicitacoes_cobrancas=many(
        shape(
            id=UUID,
            status_solicitacao_cobranca=CHARGE_STATUS,
            tipo_solicitacao_cobranca=CHARGE_KIND,
            valor_composicao=COMPOSITION,
            data_vencimento=DATE,
            url=maybe(TEXT),
        )
    ),
    evento=shape(id=UUID, referencia=shape(id=UUID, origem=TEXT), tipo=one_of("RECEITA", "DESPESA")),
)
NEW_CHARGE = body(
    {
        "conta_bancaria": UUID,
        "descricao_fatura": TEXT | {"minLength": 1},
        "id_parcela": UUID,
        "data_vencimento": DATE,
        "tipo": one_of("LINK_PAGAMENTO", "PIX_COBRANCA", "BOLETO"),
    },
    maximo_parcelas=WHOLE,
)
CHARGE = shape(id=UUID, url=maybe(TEXT), status=CHARGE_STATUS)
NEW_SETTLEMENT = body(
    {"data_pagamento": DATE, "conta_financeira": UUID, "composicao_valor": body({"valor_bruto": PRICE})},
    observacao=TEXT,
)
