"""What a command says where there is nobody to visit."""

NO_UNITS = "还没有登记单位: fenhe-hub enrol; no unit is enrolled yet"
NOBODY = "没有要巡访的单位; there is no unit to visit"
