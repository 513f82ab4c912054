/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/safety/unrelated.h"

const char *const unrelated_words[UNRELATED_WORDS] = {
    "atlas",  "autumn", "bakery", "bridge",  "castle",	"copper",   "dental", "drummer",  "early",
    "engine", "farmer", "forest", "garden",  "glassy",	"harbor",   "honey",  "iron",	  "island",
    "jazz",   "jungle", "kettle", "kitchen", "lamp",	"lemon",    "market", "mount",	  "news",
    "north",  "ocean",	"orchid", "paper",   "piano",	"quartz",   "quick",  "river",	  "rocket",
    "school", "silver", "table",  "travel",  "umbra",	"union",    "valley", "violet",	  "water",
    "window", "xenon",	"xylem",  "yard",    "yellow",	"zebra",    "zenith", "0hour",	  "01start",
    "1st",    "10days", "2nd",	  "24hours", "365sun",	"3d-print", "4ever",  "4-wheels", "5star",
    "50plus", "6pack",	"66road", "7days",   "77-hill", "8ball",    "88keys", "9lives",	  "99days",
};

const char *const unrelated_tops[UNRELATED_TOPS] = {"com", "net", "org",  "al", "rs",
						    "mk",  "eu",  "info", "io"};
