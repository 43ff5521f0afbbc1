#include "analytics/core/if97.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

static const double R = 0.461526; /* kJ/(kg K) */
static const double star_p = 16.53, star_t = 1386;

/* IAPWS R7-97(2012), table 2. */
/* clang-format off */
static const struct {
	int I, J;
	double n;
} region1[] = {
	{0, -2, 0.14632971213167}, {0, -1, -0.84548187169114}, {0, 0, -0.37563603672040e1},
	{0, 1, 0.33855169168385e1}, {0, 2, -0.95791963387872}, {0, 3, 0.15772038513228},
	{0, 4, -0.16616417199501e-1}, {0, 5, 0.81214629983568e-3}, {1, -9, 0.28319080123804e-3},
	{1, -7, -0.60706301565874e-3}, {1, -1, -0.18990068218419e-1}, {1, 0, -0.32529748770505e-1},
	{1, 1, -0.21841717175414e-1}, {1, 3, -0.52838357969930e-4}, {2, -3, -0.47184321073267e-3},
	{2, 0, -0.30001780793026e-3}, {2, 1, 0.47661393906987e-4}, {2, 3, -0.44141845330846e-5},
	{2, 17, -0.72694996297594e-15}, {3, -4, -0.31679644845054e-4}, {3, 0, -0.28270797985312e-5},
	{3, 6, -0.85205128120103e-9}, {4, -5, -0.22425281908000e-5}, {4, -2, -0.65171222895601e-6},
	{4, 10, -0.14341729937924e-12}, {5, -8, -0.40516996860117e-6}, {8, -11, -0.12734301741641e-8},
	{8, -6, -0.17424871230634e-9}, {21, -29, -0.68762131295531e-18}, {23, -31, 0.14478307828521e-19},
	{29, -38, 0.26335781662795e-22}, {30, -39, -0.11947622640071e-22}, {31, -40, 0.18228094581404e-23},
	{32, -41, -0.93537087292458e-25},
};
/* clang-format on */

enum { TERMS = sizeof(region1) / sizeof(*region1) };

static bool inside(double kelvin, double megapascal)
{
	return kelvin >= 273.15 && kelvin <= 623.15 && megapascal > 0 && megapascal <= 100;
}

struct if97_state if97_region1(double kelvin, double megapascal)
{
	double pi = megapascal / star_p, tau = star_t / kelvin, x = 7.1 - pi, y = tau - 1.222;
	double g = 0, gp = 0, gpp = 0, gt = 0, gtt = 0, gpt = 0, slope;
	struct if97_state s = {NAN, NAN, NAN, NAN, NAN, NAN};

	if (!inside(kelvin, megapascal))
		return s;
	for (int i = 0; i < TERMS; i++) {
		double I = region1[i].I, J = region1[i].J, n = region1[i].n, term = n * pow(x, I) * pow(y, J);

		g += term;
		gp -= term * I / x;
		gpp += term * I * (I - 1) / (x * x);
		gt += term * J / y;
		gtt += term * J * (J - 1) / (y * y);
		gpt -= term * I * J / (x * y);
	}
	slope = gp - tau * gpt;
	s.volume = R * kelvin * pi * gp / (1000 * megapascal);
	s.enthalpy = R * kelvin * tau * gt;
	s.energy = R * kelvin * (tau * gt - pi * gp);
	s.entropy = R * (tau * gt - g);
	s.cp = -R * tau * tau * gtt;
	s.sound = sqrt(1000 * R * kelvin * gp * gp / (slope * slope / (tau * tau * gtt) - gpp));
	return s;
}

struct if97_isobar if97_isobar(double megapascal)
{
	struct if97_isobar at = {.megapascal = megapascal};
	double x = 7.1 - megapascal / star_p;

	for (int i = 0; i < TERMS; i++) {
		int I = region1[i].I, J = region1[i].J;

		if (I > 0)
			at.volume[J - IF97_LOWEST] -= region1[i].n * I * pow(x, I - 1);
		if (J != 0)
			at.enthalpy[J - 1 - IF97_LOWEST] += region1[i].n * J * pow(x, I);
	}
	return at;
}

static double series(const double *coefficient, double y)
{
	double up = 1, down = 1, inverse = 1 / y, sum = coefficient[-IF97_LOWEST];

	for (int j = 1; j <= IF97_HIGHEST; j++)
		sum += coefficient[j - IF97_LOWEST] * (up *= y);
	for (int j = -1; j >= IF97_LOWEST; j--)
		sum += coefficient[j - IF97_LOWEST] * (down *= inverse);
	return sum;
}

double if97_isobar_volume(const struct if97_isobar *at, double kelvin)
{
	if (!inside(kelvin, at->megapascal))
		return NAN;
	return R * kelvin / (1000 * star_p) * series(at->volume, star_t / kelvin - 1.222);
}

double if97_isobar_enthalpy(const struct if97_isobar *at, double kelvin)
{
	if (!inside(kelvin, at->megapascal))
		return NAN;
	return R * star_t * series(at->enthalpy, star_t / kelvin - 1.222);
}
