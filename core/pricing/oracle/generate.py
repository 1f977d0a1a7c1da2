"""Makes the reference values that core/pricing/oracle.test.ts checks the product against.

    apt-get install python3-mpmath        (or: pip install mpmath)
    python3 core/pricing/oracle/generate.py

Independent of the product: the textbook formulas of Black (1976) and their derivatives as in Hull's book, in 60 decimal
digits, on the exact values of the binary inputs. It writes beside itself

grid.csv        years, sigma, strike and price and Greeks of call and put, for a forward of 25,000 and a rate of 6.5 %:
                10 seconds to 5 years, 1 % to 300 %, ten standard deviations each way.
market.bin.gz   65,536 options in 512 chains as a market shows them, prices rounded to the tick of 0.05. Little-endian:
                512 x (float64 years, float64 forward), 65,536 x uint16 strike/50, 65,536 x uint32 price in ticks,
                65,536 x uint8 status (0 ok, 1 below_intrinsic, 2 above_maximum), 8,192 x float64 volatility (NaN =
                none). Options of a chain are neighbours, even ones are calls; the volatility is that of the options i
                of chain c with i % 8 = c % 8.
"""
import gzip
import math
import random
import struct
from pathlib import Path

from mpmath import erfc, exp, findroot, log, mp, mpf, npdf, sqrt

mp.dps = 60
HERE = Path(__file__).parent
RATE = 0.065
SECONDS_PER_YEAR = 31_536_000


def normal(z):
    return erfc(-z / sqrt(mpf(2))) / 2


def black(forward, strike, years, sigma):
    """Price and Greeks, call then put where they differ; theta and charm a calendar day, vega, rho, vanna a point."""
    f, k, t, v, r = map(mpf, (forward, strike, years, sigma, RATE))
    d = exp(-r * t)
    spot, s = f * d, v * sqrt(t)
    d1 = log(f / k) / s + s / 2
    d2 = d1 - s
    density = npdf(d1)
    call = d * (f * normal(d1) - k * normal(d2))
    put = d * (k * normal(-d2) - f * normal(-d1))
    decay = spot * density * v / (2 * sqrt(t))
    return {
        "call": call,
        "put": put,
        "deltaCall": normal(d1),
        "deltaPut": -normal(-d1),
        "gamma": density / (spot * s),
        "thetaCall": -(decay + r * k * d * normal(d2)) / 365,
        "thetaPut": -(decay - r * k * d * normal(-d2)) / 365,
        "vega": spot * density * sqrt(t) / 100,
        "rhoCall": k * t * d * normal(d2) / 100,
        "rhoPut": -k * t * d * normal(-d2) / 100,
        "vanna": -density * d2 / v / 100,
        "charm": -density * (2 * r * t - d2 * s) / (2 * t * s) / 365,
    }


def write_grid():
    forward = 25_000.0
    seconds = [10, 60, 900, 3600 * 6, 86_400, 7 * 86_400, 90 * 86_400, SECONDS_PER_YEAR, 5 * SECONDS_PER_YEAR]
    lines = []
    for years in (value / SECONDS_PER_YEAR for value in seconds):
        for sigma in (0.01, 0.05, 0.12, 0.3, 0.8, 3.0):
            for deviations in (-10, -7, -5, -4, -3, -2, -1, -0.5, -0.05, 0, 0.2, 0.7, 1.5, 2.5, 3.5, 5, 7.5, 10):
                strike = forward * math.exp(deviations * sigma * math.sqrt(years))
                row = black(forward, strike, years, sigma)
                if not lines:
                    lines.append(",".join(["years", "sigma", "strike", *row]))
                lines.append(",".join(repr(float(value)) for value in (years, sigma, strike, *row.values())))
    (HERE / "grid.csv").write_text("\n".join(lines) + "\n")


def rough_price(call, forward, strike, years, sigma):
    """In doubles: whatever tick it lands on is a fair market price."""
    s = sigma * math.sqrt(years)
    d1 = math.log(forward / strike) / s + s / 2
    n = lambda z: math.erfc(-z / math.sqrt(2)) / 2
    sign = 1 if call else -1
    return math.exp(-RATE * years) * sign * (forward * n(sign * d1) - strike * n(sign * (d1 - s)))


def volatility(call, forward, strike, years, price, guess):
    """The sigma of the exact binary price, by the secant method on the logarithm of the time value."""
    side = "call" if strike >= forward else "put"
    parity = exp(-mpf(RATE) * mpf(years)) * (mpf(forward) - mpf(strike))
    twin = mpf(price) - (parity if call else 0) + (parity if side == "call" else 0)
    distance = lambda log_sigma: log(black(forward, strike, years, exp(log_sigma))[side] / twin)
    start = log(mpf(guess))
    return exp(findroot(distance, (start, start + mpf("1e-3")), tol=mpf("1e-60"), maxsteps=80))


def write_market():
    chance = random.Random(20240223)
    chains, strikes, ticks, statuses, volatilities = [], [], [], [], []
    for chain in range(512):
        years = math.exp(chance.uniform(math.log(600), math.log(60 * 86_400))) / SECONDS_PER_YEAR
        forward = (25_013 + chance.uniform(-100, 100)) * math.exp(RATE * years)
        discount = exp(-mpf(RATE) * mpf(years))
        chains.append((years, forward))
        for i in range(128):
            call = i % 2 == 0
            strike = 22_500.0 + 50 * chance.randrange(101)
            sigma = chance.uniform(0.08, 0.6)
            tick = round(rough_price(call, forward, strike, years, sigma) * 20)
            price = tick * 0.05
            intrinsic = discount * max(mpf(forward) - mpf(strike) if call else mpf(strike) - mpf(forward), 0)
            status = 1 if mpf(price) <= intrinsic else 2 if mpf(price) >= discount * (forward if call else strike) else 0
            strikes.append(int(strike / 50))
            ticks.append(tick)
            statuses.append(status)
            if i % 8 == (chain % 8):
                ok = status == 0
                volatilities.append(float(volatility(call, forward, strike, years, price, sigma)) if ok else math.nan)
    content = b"".join(struct.pack("<2d", *chain) for chain in chains)
    content += struct.pack(f"<{len(strikes)}H", *strikes) + struct.pack(f"<{len(ticks)}I", *ticks)
    content += bytes(statuses) + struct.pack(f"<{len(volatilities)}d", *volatilities)
    (HERE / "market.bin.gz").write_bytes(gzip.compress(content, 9, mtime=0))


if __name__ == "__main__":
    write_grid()
    write_market()
