/* What this address had on PYBOSSA's page is here before every presenter begins (Modernizr, pybossaNotify), or in every browser (JSON). */
