"""Emoji: which there are, by Unicode and by the names that people type for them."""

from __future__ import annotations

from functools import cache
from itertools import product

from hubbub.domain.emojitable import TABLE
from hubbub.domain.errors import BadMessage
from hubbub.domain.reactions import MAX_EMOJI_CHARS

_NAMES = """
+1 👍 -1 👎 100 💯 alarm ⏰ alien 👽 angry 😠 apple 🍎 art 🎨 astonished 😲 avocado 🥑 balloon 🎈
banana 🍌 bang 💥 beer 🍺 beers 🍻 bell 🔔 bike 🚲 bird 🐦 birthday 🎂 blush 😊 bomb 💣 book 📖
books 📚 bouquet 💐 bow 🙇 brain 🧠 bread 🍞 broken_heart 💔 bug 🐛 bulb 💡 burger 🍔 bus 🚌
butterfly 🦋 cactus 🌵 cake 🍰 calendar 📅 camera 📷 car 🚗 cat 🐱 champagne 🍾 chart 📈 check ✅
cheese 🧀 cherries 🍒 chicken 🐔 chocolate 🍫 christmas 🎄 clap 👏 clover 🍀 cocktail 🍸 coffee ☕
cold 🥶 computer 💻 confused 😕 construction 🚧 cookie 🍪 cool 😎 cow 🐮 crab 🦀 cross ❌ crown 👑
cry 😢 crystal_ball 🔮 dancer 💃 dart 🎯 dizzy 💫 dog 🐶 dolphin 🐬 door 🚪 dragon 🐉 dress 👗
drum 🥁 duck 🦆 earth 🌍 egg 🥚 elephant 🐘 email 📧 envelope 📨 exclamation ❗ eyes 👀
facepalm 🤦 family 👪 fearful 😨 fire 🔥 fireworks 🎆 fish 🐟 fist ✊ flushed 😳 football 🏈
fox 🦊 fries 🍟 frog 🐸 gem 💎 ghost 👻 gift 🎁 giraffe 🦒 globe 🌐 goat 🐐 grapes 🍇 grimacing 😬
grin 😁 grinning 😀 guitar 🎸 hammer 🔨 handshake 🤝 hatching 🐣 headphones 🎧 heart ❤️
heart_eyes 😍 hedgehog 🦔 herb 🌿 horse 🐴 hot 🥵 hourglass ⏳ house 🏠 hug 🤗 hugs 🤗 hundred 💯
idea 💡 innocent 😇 joy 😂 key 🔑 kiss 💋 kissing_heart 😘 koala 🐨 laptop 💻 laughing 😆 lemon 🍋
lion 🦁 lizard 🦎 lock 🔒 lol 😂 loop ➰ loudspeaker 📢 mag 🔍 mask 😷 megaphone 📣 memo 📝
microphone 🎤 microscope 🔬 milk 🥛 mind_blown 🤯 money 💰 monkey 🐵 moon 🌙 mouse 🐭 muscle 💪
mushroom 🍄 music 🎵 nauseated 🤢 nerd 🤓 neutral 😐 newspaper 📰 night 🌃 no_entry ⛔ notes 🎶
ocean 🌊 octopus 🐙 ok 👌 ok_hand 👌 open_mouth 😮 owl 🦉 package 📦 palm 🌴 panda 🐼 party 🎉
partying 🥳 partying_face 🥳 peach 🍑 pear 🍐 penguin 🐧 pensive 😔 phone 📱 pig 🐷 pill 💊 pin 📌
pineapple 🍍 pizza 🍕 plane 🛫 pleading 🥺 point_down 👇 point_left 👈 point_right 👉 point_up ☝️
point_up_2 👆 poop 💩 popcorn 🍿 pray 🙏 question ❓ rabbit 🐰 rage 😡 rainbow 🌈 raised_hands 🙌
relieved 😌 robot 🤖 rocket 🚀 rofl 🤣 rose 🌹 rotating_light 🚨 running 🏃 sad 😞 sandwich 🥪
satellite 📡 scream 😱 see_no_evil 🙈 seedling 🌱 shark 🦈 sheep 🐑 shrug 🤷 shushing 🤫 skull 💀
sleeping 😴 sleepy 😪 slightly_smiling_face 🙂 slot_machine 🎰 smile 😄 smirk 😏 snail 🐌 snake 🐍
sneezing 🤧 snowman ⛄ sob 😭 soccer ⚽ sos 🆘 sparkles ✨ sparkling_heart 💖 speech 💬 star ⭐
stars 🌠 strawberry 🍓 sun 🌞 sunflower 🌻 sunglasses 😎 sunrise 🌅 surfer 🏄 sushi 🍣 sweat 😓
sweat_drops 💦 sweat_smile 😅 swim 🏊 tada 🎉 target 🎯 tea 🍵 tears 🥲 tent ⛺ test_tube 🧪
thinking 🤔 thinking_face 🤔 thumbsdown 👎 thumbsup 👍 tiger 🐯 tongue 😛 toolbox 🧰 tophat 🎩
train 🚆 trash 🚮 tree 🌳 triumph 😤 trophy 🏆 turtle 🐢 two_hearts 💕 umbrella ☔ unicorn 🦄
unlock 🔓 upside_down 🙃 volcano 🌋 warn 🚨 watch ⌚ watermelon 🍉 wave 👋 weary 😩 whale 🐳
white_check_mark ✅ wine 🍷 wink 😉 wolf 🐺 wrench 🔧 writing 📝 x ❌ yawning 🥱 yum 😋 zap ⚡
zipper_mouth 🤐 zzz 💤
"""
_WORDS = _NAMES.split()
NAMES = dict(sorted(zip(_WORDS[::2], _WORDS[1::2], strict=True)))
"""Name to emoji, in alphabetical order: those that people use, each one character of two cells, or
one with a variation selector, as ❤️. Names that Slack, Discord or GitHub have mean the same here."""

TONES = "\N{EMOJI MODIFIER FITZPATRICK TYPE-1-2}\N{EMOJI MODIFIER FITZPATRICK TYPE-3}\
\N{EMOJI MODIFIER FITZPATRICK TYPE-4}\N{EMOJI MODIFIER FITZPATRICK TYPE-5}\
\N{EMOJI MODIFIER FITZPATRICK TYPE-6}"
_PRESENTATION = dict.fromkeys((0xFE0E, 0xFE0F))  # variation selectors: as text, as emoji
MAX_TYPED = 2 * MAX_EMOJI_CHARS


def parse_emoji(raw: str) -> str:
    """The emoji that ``raw`` is: one of Unicode's (RGI, UTS #51), fully qualified.

    A name of `NAMES` will do, with colons or without, and so will an emoji without its variation
    selectors, as some keyboards type it. Raises BadMessage for anything else.
    """
    typed = raw[: MAX_TYPED + 1].strip()
    if len(typed) > MAX_TYPED:
        raise BadMessage(NO_EMOJI)
    name = typed.casefold()
    if len(name) > len("::") and name[0] == name[-1] == ":":
        name = name[1:-1]
    found = NAMES.get(name) or _qualified().get(typed.translate(_PRESENTATION))
    if found is None:
        raise BadMessage(NO_EMOJI)
    return found


NO_EMOJI = "That is no emoji. Type one, or its name, as in :thumbsup:"


@cache
def _qualified() -> dict[str, str]:
    """Each emoji, by itself without its variation selectors."""
    return {
        one.translate(_PRESENTATION): one for pattern in TABLE.split() for one in _toned(pattern)
    }


def _toned(pattern: str) -> list[str]:
    """The emoji that ``pattern`` stands for: see `hubbub.domain.emojitable`."""
    typed = [char for char in pattern if char in TONES]
    template = pattern
    for tone in TONES:
        template = template.replace(tone, "{}")
    pairs = product(TONES, repeat=len(typed))
    differ = len(set(typed)) > 1
    return [template.format(*pair) for pair in pairs if not differ or len(set(pair)) > 1]
