"""Everything that treats sound after it is played. Effects take equal blocks in order and remember what rings on."""
