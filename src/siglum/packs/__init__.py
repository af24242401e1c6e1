"""Rules as data: what they are, how packs are read, checked, compiled and matched."""
