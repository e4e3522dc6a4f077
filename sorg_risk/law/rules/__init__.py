"""The rules of the law, one article or duty a file; `sorg_risk.law.registry` finds them by walking this folder."""
