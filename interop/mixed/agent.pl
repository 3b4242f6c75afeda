# The agent in Perl: does with lists, through the loader, what the lines on its input say (agents.py).
use v5.36;
use PolyshmPlatypus ();

my ($UNIT, $LONG) = (12, 4096);    # bytes of what repeats, and of what is not written so yet
my %lists;

sub content ($text) {
    my ($unit, $count) = split /\*/, $text;
    return pack("H*", $unit // "") x ($count // 1);
}

sub digits ($bytes) {
    my ($unit, $count) = (substr($bytes, 0, $UNIT), int(length($bytes) / $UNIT));
    return length $bytes > $LONG && $unit x $count eq $bytes ? unpack("H*", $unit) . "*$count" : unpack("H*", $bytes);
}

my %decoders = (
    none    => sub ($text) { undef },
    bool    => sub ($text) { $text eq "1" },
    int64   => sub ($text) { int $text },
    float64 => sub ($text) { PolyshmPlatypus::typed(float64 => unpack "d>", pack "H*", $text) },
    str     => sub ($text) { utf8::decode(my $bytes = content($text)); $bytes },
    bytes   => sub ($text) { PolyshmPlatypus::typed(bytes => content($text)) },
);

my %encoders = (
    none    => sub ($value) { "-" },
    bool    => sub ($value) { $value ? 1 : 0 },
    int64   => sub ($value) { $value },
    float64 => sub ($value) { unpack "H*", pack "d>", $value },
    str     => sub ($value) { utf8::encode($value); digits($value) },
    bytes   => \&digits,
);

sub decoded ($word) {
    my ($type, $text) = split /:/, $word, 2;
    return $decoders{$type}->($text);
}

sub item ($list, $index) {
    my $type = $list->type($index);
    return "$type:" . $encoders{$type}->($list->[$index]);
}

# A function a command. Each takes the command's words, and gives those of the answer, if there are any.
my %commands = (
    create_list => sub ($name, @words) {
        $lists{$name} = PolyshmPlatypus::List->create($name, [map { decoded($_) } @words]);
        return;
    },
    attach_list => sub ($name)                { $lists{$name} = PolyshmPlatypus::List->attach($name); return },
    get         => sub ($name, $index)        { item($lists{$name}, $index) },
    set         => sub ($name, $index, $word) { $lists{$name}[$index] = decoded($word); return },
    all         => sub ($name)                { map { item($lists{$name}, $_) } 0 .. $lists{$name}->length - 1 },
    close       => sub ($name)                { (delete $lists{$name})->close; return },
    unlink      => sub ($name)                { $lists{$name}->unlink; return },
);

$| = 1;
while (my $line = <STDIN>) {
    my ($command, @words) = split " ", $line;
    my @answer = eval { ("ok", $commands{$command}->(@words)) };
    @answer = ("error", "$@" =~ s/\n/ /gr) if !@answer;
    say "@answer";
}
