"""What the unit's public pages say: pure, published records in, values for the templates out."""
