"""Awards, certificates, kept documents, keys and status lists."""
