"""Who the customers are and what they bought before; knows no conversation text and no ERP."""
