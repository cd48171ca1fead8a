"""Invented instruments: true to form, of no real unit, maker or person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Invented:
    """One type of instrument; `wan_yuan` is a value in 10,000 yuan as people write it."""

    name: str
    name_en: str
    class_code: str
    model: str
    specification: str
    function: str
    service: str
    subjects: str
    wan_yuan: str


TYPES: tuple[Invented, ...] = (
    Invented(
        "透射电子显微镜",
        "Transmission electron microscope",
        "010101",
        "SL-TEM200",
        "加速电压200kV；点分辨率0.24nm",
        "观察材料的微观形貌和晶体结构",
        "形貌观察、选区电子衍射",
        "材料科学,物理学",
        "486.50",
    ),
    Invented(
        "扫描电子显微镜",
        "Scanning electron microscope",
        "010102",
        "SL-SEM30",
        "分辨率1.0nm@15kV",
        "观察样品表面形貌并作能谱分析",
        "形貌观察、能谱分析",
        "材料科学",
        "218.00",
    ),
    Invented(
        "X射线衍射仪",
        "X-ray diffractometer",
        "010301",
        "SL-XRD9",
        "测角仪半径185mm；最小步长0.0001度",
        "物相分析和晶体结构测定",
        "物相定性定量分析",
        "材料科学,化学",
        "96.80",
    ),
    Invented(
        "核磁共振波谱仪",
        "Nuclear magnetic resonance spectrometer",
        "010601",
        "SL-NMR400",
        "磁场9.4T；氢谱400MHz",
        "测定有机化合物结构",
        "氢谱、碳谱、二维谱",
        "化学,药学",
        "320.00",
    ),
    Invented(
        "流式细胞仪",
        "Flow cytometer",
        "011012",
        "SL-FC6",
        "3激光13色；每秒35000个细胞",
        "细胞表型和周期分析",
        "细胞分选前分析",
        "生物学,基础医学",
        "158.60",
    ),
    Invented(
        "DNA测序仪",
        "DNA sequencer",
        "011007",
        "SL-SEQ8",
        "8道毛细管；读长900bp",
        "核酸序列测定",
        "一代测序、片段分析",
        "生物学",
        "128.00",
    ),
    Invented(
        "气相色谱质谱联用仪",
        "Gas chromatograph mass spectrometer",
        "010201",
        "SL-GCMS7",
        "质量范围10-1090u",
        "挥发性有机物定性定量",
        "有机物分析",
        "化学,环境科学技术及资源科学技术",
        "86.30",
    ),
    Invented(
        "液相色谱仪",
        "Liquid chromatograph",
        "010502",
        "SL-LC20",
        "四元泵；二极管阵列检测器",
        "有机物分离和定量",
        "含量测定",
        "化学,药学",
        "42.75",
    ),
    Invented(
        "原子吸收分光光度计",
        "Atomic absorption spectrometer",
        "010401",
        "SL-AA800",
        "波长190-900nm；石墨炉和火焰",
        "金属元素定量分析",
        "元素分析",
        "化学,冶金工程技术",
        "38.20",
    ),
    Invented(
        "激光共聚焦显微镜",
        "Confocal laser scanning microscope",
        "010801",
        "SL-CLSM5",
        "4激光器；横向分辨率0.2微米",
        "荧光样品三维成像",
        "荧光成像",
        "生物学",
        "265.40",
    ),
    Invented(
        "热重分析仪",
        "Thermogravimetric analyser",
        "010901",
        "SL-TG3",
        "室温至1500摄氏度",
        "测定质量随温度的变化",
        "热稳定性分析",
        "材料科学,化学工程",
        "35.60",
    ),
    Invented(
        "万能材料试验机",
        "Universal testing machine",
        "020101",
        "SL-UTM100",
        "最大载荷100kN；0.5级",
        "拉伸、压缩、弯曲试验",
        "力学性能测试",
        "材料科学,力学",
        "52.00",
    ),
)

MAKERS = ("示例精密仪器公司", "示例光电仪器厂", "示例分析仪器公司")
COUNTRIES = ("中国", "德国", "日本")
