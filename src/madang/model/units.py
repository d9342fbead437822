"""Units of measurement: the UN/CEFACT Recommendation 20 common codes that cities use, with their names and symbols.

The list is a selection; the recommendation has some 2 000. A code that is not here is taken as it is.
"""

from collections.abc import Mapping

import msgspec


class Unit(msgspec.Struct, frozen=True):
    """A unit: its common code, its name, its symbol."""

    code: str
    name: str
    symbol: str


def known(code: str) -> bool:
    """The code is in this list."""
    return code in UNITS


def describe(code: str) -> str:
    """The code with its name, for people: ``GQ (microgram per cubic metre)``."""
    unit = UNITS.get(code)
    return f"{code} ({unit.name})" if unit else code


def symbol(code: str) -> str:
    """The unit's symbol; the code itself where the list has none."""
    unit = UNITS.get(code)
    return unit.symbol if unit else code


_TABLE = """
C62|one|1
P1|percent|%
59|part per million|ppm
61|part per billion (US)|ppb
MTR|metre|m
CMT|centimetre|cm
MMT|millimetre|mm
4H|micrometre|µm
KMT|kilometre|km
SMI|mile (statute mile)|mi
FOT|foot|ft
INH|inch|in
MTK|square metre|m²
KMK|square kilometre|km²
HAR|hectare|ha
MTQ|cubic metre|m³
LTR|litre|l
MLT|millilitre|ml
MTS|metre per second|m/s
KMH|kilometre per hour|km/h
HM|mile per hour (statute mile)|mile/h
KNT|knot|kn
MSK|metre per second squared|m/s²
SEC|second [unit of time]|s
C26|millisecond|ms
B98|microsecond|µs
MIN|minute [unit of time]|min
HUR|hour|h
H10|reciprocal hour|1/h
DAY|day|d
WEE|week|wk
MON|month|mo
ANN|year|y
DD|degree [unit of angle]|°
C81|radian|rad
CEL|degree Celsius|°C
FAH|degree Fahrenheit|°F
KEL|kelvin|K
KGM|kilogram|kg
GRM|gram|g
MGM|milligram|mg
MC|microgram|µg
TNE|tonne (metric ton)|t
GQ|microgram per cubic metre|µg/m³
GP|milligram per cubic metre|mg/m³
KMQ|kilogram per cubic metre|kg/m³
M1|milligram per litre|mg/l
GL|gram per litre|g/l
NEW|newton|N
PAL|pascal|Pa
A97|hectopascal|hPa
KPA|kilopascal|kPa
MBR|millibar|mbar
BAR|bar [unit of pressure]|bar
JOU|joule|J
KJO|kilojoule|kJ
WHR|watt hour|Wh
KWH|kilowatt hour|kWh
MWH|megawatt hour (1000 kW.h)|MWh
WTT|watt|W
KWT|kilowatt|kW
MAW|megawatt|MW
VLT|volt|V
2Z|millivolt|mV
AMP|ampere|A
4K|milliampere|mA
OHM|ohm|Ω
HTZ|hertz|Hz
KHZ|kilohertz|kHz
MHZ|megahertz|MHz
KVA|kilovolt - ampere|kV·A
D44|var|var
KVR|kilovar|kvar
2N|decibel|dB
LUX|lux|lx
LUM|lumen|lm
CDL|candela|cd
D54|watt per square metre|W/m²
MQH|cubic metre per hour|m³/h
MQS|cubic metre per second|m³/s
23|gram per cubic centimetre|g/cm³
IE|person|person
4L|megabyte|MB
AD|byte|byte
2P|kilobyte|kB
E34|gigabyte|GB
A99|bit|bit
E20|megabit per second|Mbit/s
A18|becquerel per kilogram|Bq/kg
D61|minute [unit of angle]|'
D62|second [unit of angle]|"
RPM|revolutions per minute|r/min
"""

_ROWS = (line.split("|") for line in _TABLE.strip().splitlines())

UNITS: Mapping[str, Unit] = {code: Unit(code, name, symbol) for code, name, symbol in _ROWS}
"""Units by common code."""
