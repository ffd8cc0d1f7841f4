// Names, in a shop owner's words, for what a trace holds; an unknown name is shown as it is.

import { profileName } from "./words.js";

const STEPS = {
  load_customer: "Lembrou do cliente",
  understand: "Entendeu a mensagem",
  route: "Escolheu o caminho",
  run_tools: "Usou ferramentas",
  prove_reply: "Conferiu os números",
  compose: "Escreveu a resposta",
  escalate: "Chamou um atendente",
  opt_out: "Parou os envios",
  welcome_back: "Recebeu de volta",
  stay_quiet: "Ficou em silêncio",
  decline_media: "Pediu texto",
};
export const TOOLS = {
  search_products: "Buscou no catálogo",
  get_product: "Consultou um produto",
  list_past_purchases: "Viu compras anteriores",
  view_cart: "Olhou o carrinho",
  add_to_cart: "Pôs no carrinho",
  call_attendant: "Chamou um atendente",
};
export const EFFECTS = { read: "só leitura", write: "grava", money: "dinheiro" };
export const EVIDENCE = { stated: "o cliente disse", stylistic: "jeito de escrever" };
export const INTENTS = {
  saudacao: "saudação",
  buscar_produto: "procura um produto",
  perguntar_preco: "pergunta o preço",
  perguntar_estoque: "pergunta se tem",
  adicionar_carrinho: "põe no carrinho",
  remover_carrinho: "tira do carrinho",
  ver_carrinho: "quer ver o carrinho",
  pedir_desconto: "pede desconto",
  finalizar_pedido: "quer fechar o pedido",
  forma_pagamento: "pergunta como pagar",
  frete_prazo: "pergunta frete ou prazo",
  status_pedido: "pergunta do pedido",
  trocar_devolver: "troca ou devolução",
  falar_humano: "quer uma pessoa",
  reclamacao: "reclamação",
  horario_endereco: "horário ou endereço",
  agradecimento: "agradece",
  despedida: "despede-se",
  cancelar_contato: "não quer mais mensagens",
  fora_de_escopo: "outro assunto",
};
export const ENTITIES = {
  quantity: "quantidade",
  ordinals: "posições na lista",
  max_price: "preço máximo",
  product_query: "produto procurado",
  affirmation: "disse sim",
  title: "tratamento",
};

export const stepName = (step) =>
  STEPS[step] ?? (step.startsWith("strategy_") ? `Estratégia: ${profileName(step.slice("strategy_".length))}` : step);
